// Sources: where models come from. This room owns the hub, pip and Ollama's store. It must not register
// what it brings.

/** Why one source could not give a model: a clause for people. The next source is tried then. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure'
}
