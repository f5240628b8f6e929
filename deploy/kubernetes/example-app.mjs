// Stands for your application: GET /ask?q=... answers with what the model says, as it says it.
import { createServer } from 'node:http'

const base = process.env.OPENAI_BASE_URL ?? 'http://127.0.0.1:8787/v1'

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://app')
  if (url.pathname === '/healthz') return response.end('ok\n')
  const question = url.searchParams.get('q')
  if (url.pathname !== '/ask' || !question) return response.writeHead(404).end('Try /ask?q=...\n')
  try {
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    for await (const text of ask(question)) response.write(text)
    response.end('\n')
  } catch (error) {
    if (!response.headersSent) response.writeHead(502)
    response.end(`${error.message}\n`)
  }
})

async function* ask(question) {
  const key = process.env.OPENAI_API_KEY
  const reply = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ model: 'costeer', stream: true, messages: [{ role: 'user', content: question }] }),
  })
  if (!reply.ok) throw new Error(`The gateway answered HTTP ${reply.status}.`)
  let rest = ''
  for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue
      const event = JSON.parse(line.slice(6))
      if (event.error) throw new Error(event.error.message)
      yield event.choices[0]?.delta.content ?? ''
    }
  }
}

server.listen(Number(process.env.PORT ?? 3000), () =>
  process.stdout.write(`Listening on port ${server.address().port}\n`),
)
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close(() => process.exit(0)))
