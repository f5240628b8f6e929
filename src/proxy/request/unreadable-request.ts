import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorReply } from '../errors/error-reply.ts'
import { ProxyError } from '../errors/proxy-error.ts'

/**
 * Answers, with OpenAI's envelope as everywhere, a connection whose bytes Node could not read as a request in
 * time.
 */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, body } = errorReply(refusalFor(error.code))
  const json = JSON.stringify(body)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(json)}`,
    `x-request-id: ${crypto.randomUUID()}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`)
}

/**
 * Answers a request whose `Expect` header asks for nothing that is known. Node sees to `100-continue` itself,
 * in a list of several too, as RFC 9110 (10.1.1) lets a server do.
 */
export function refuseExpectation(_incoming: IncomingMessage, outgoing: ServerResponse): void {
  const message = 'The Expect header asks for something that is not supported. Leave the header out.'
  const { status, body } = errorReply(new ProxyError('expectation_failed', message))
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'x-request-id': crypto.randomUUID(),
    // The body may never come.
    connection: 'close',
  })
  outgoing.end(JSON.stringify(body))
}

function refusalFor(code: string | undefined): ProxyError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProxyError('headers_too_large', 'The request headers are too large.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProxyError('request_timeout', 'The request did not arrive in time.')
    default:
      return new ProxyError('malformed_request', 'This is not a readable HTTP/1.1 request.')
  }
}
