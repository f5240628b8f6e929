let isListening = false

/**
 * Has SIGINT and SIGTERM end this process with status 1 by way of its `exit` listeners, which end what was
 * started and remove what was made.
 */
export function exitOnSignals(): void {
  if (isListening) return
  isListening = true
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}
