import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { CloseIcon } from './icons.tsx'
import { t } from './texts/texts.ts'

interface ModalProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** For what needs much room. */
  readonly wide?: boolean
}

/** A dialog above the page, until it is closed by its cross, by Escape, or by who opened it. */
export function Modal({ title, onClose, children, wide = false }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const reopen = () => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }
  return (
    <dialog
      ref={dialog}
      class={wide ? 'modal wide' : 'modal'}
      aria-labelledby="modal-title"
      onCancel={(event) => {
        // A field for files tells in the same way that none was chosen.
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        onClose()
      }}
      onClose={() => {
        // Browsers let a second Escape through. Whoever opened it may still want it open.
        onClose()
        setTimeout(reopen)
      }}
    >
      <header class="modal-head">
        <h2 id="modal-title">{title}</h2>
        <button type="button" class="icon-button" aria-label={t().close} onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  )
}
