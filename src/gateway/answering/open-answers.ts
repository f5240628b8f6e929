import type { LocalContinuation, LocalPair, LocalPrompts } from '../../steer/local-pair.ts'

/** Counts the steered answers that run now: those whose local pair is open or being opened. */
export class OpenAnswers {
  /** The pair that answers open. */
  readonly pair: LocalPair
  readonly #listeners: (() => void)[] = []
  #count = 0

  constructor(pair: LocalPair) {
    this.pair = {
      contextTokens: pair.contextTokens,
      ...(pair.passes === undefined ? {} : { passes: pair.passes }),
      open: (prompts) => this.#open(pair, prompts),
      close: () => pair.close(),
    }
  }

  get count(): number {
    return this.#count
  }

  /** `listener` is called after every change of the count, before the pair begins to open. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async #open(pair: LocalPair, prompts: LocalPrompts): Promise<LocalContinuation> {
    this.#change(1)
    let isOpen = true
    const leave = () => {
      if (!isOpen) return
      isOpen = false
      this.#change(-1)
    }
    try {
      const continuation = await pair.open(prompts)
      return {
        root: continuation.root,
        prefill: continuation.prefill,
        feed: (from, tokens) => continuation.feed(from, tokens),
        feedTree: (tokens) => continuation.feedTree(tokens),
        retain: (row) => continuation.retain(row),
        close() {
          continuation.close()
          leave()
        },
      }
    } catch (failure) {
      leave()
      throw failure
    }
  }

  #change(by: 1 | -1): void {
    this.#count += by
    for (const listener of this.#listeners) listener()
  }
}
