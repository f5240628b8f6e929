/** What happens while a model is fetched, for a progress display. */
export type PullEvent =
  | { readonly type: 'waiting-for-other-process' }
  | { readonly type: 'source-start'; readonly source: string }
  | { readonly type: 'bytes-received'; readonly receivedBytes: number; readonly totalBytes: number }
  | { readonly type: 'source-failed'; readonly source: string; readonly reason: string }
  | { readonly type: 'verifying' }

export type PullObserver = (event: PullEvent) => void
