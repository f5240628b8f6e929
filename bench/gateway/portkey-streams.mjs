// Loaded into Portkey's process before its program: on Node 20 it adds headers to the
// reply that fetch gave it, which are immutable, and answers every streamed request with
// HTTP 500. Replies with headers of their own let it stream.
const { Response: OwnResponse, fetch: ownFetch } = globalThis

globalThis.fetch = async (...request) => {
  const reply = await ownFetch(...request)
  return new OwnResponse(reply.body, reply)
}
