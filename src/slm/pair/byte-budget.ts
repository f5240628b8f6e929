interface Waiting {
  readonly bytes: number
  readonly grant: () => void
}

/**
 * Bytes that many share. Whoever asks for more than is left waits, in order; one alone
 * gets whatever it asks for.
 */
export class ByteBudget {
  readonly #totalBytes: number
  #takenBytes = 0
  #waiting: readonly Waiting[] = []

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes
  }

  /**
   * Resolves with what gives the bytes back, however often it is called. Rejects with the signal's reason.
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await this.#turn(bytes, signal)
    else this.#takenBytes += bytes
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#takenBytes -= bytes
      this.#grantNext()
    }
  }

  #fits(bytes: number): boolean {
    return this.#takenBytes === 0 || this.#takenBytes + bytes <= this.#totalBytes
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        reject(signal.reason)
        // The next one may want less.
        this.#grantNext()
      }
      const grant = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const waiting = { bytes, grant }
      this.#waiting = [...this.#waiting, waiting]
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #grantNext(): void {
    for (let [first, ...others] = this.#waiting; first !== undefined; [first, ...others] = this.#waiting) {
      if (!this.#fits(first.bytes)) return
      this.#waiting = others
      this.#takenBytes += first.bytes
      first.grant()
    }
  }
}
