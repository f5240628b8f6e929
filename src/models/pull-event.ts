/** What happens while a model is fetched, for a progress display. */
export type PullEvent =
  | { readonly type: 'waiting-for-other-process' }
  | { readonly type: 'source-start'; readonly source: string }
  /** Which of a repository's models is taken, and which others it has. */
  | {
      readonly type: 'file-chosen'
      readonly file: string
      readonly quantisation: string | null
      readonly others: readonly string[]
    }
  | { readonly type: 'bytes-received'; readonly receivedBytes: number; readonly totalBytes: number }
  | { readonly type: 'source-failed'; readonly source: string; readonly reason: string }
  | { readonly type: 'verifying' }

export type PullObserver = (event: PullEvent) => void
