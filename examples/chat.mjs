// Streams one question answered without and with a profile. Needs the `openai` package and a running gateway.
import OpenAI from 'openai'

const client = new OpenAI({ baseURL: process.argv[2] ?? 'http://127.0.0.1:8787/v1', apiKey: 'none' })
for (const profile of ['none', 'hamish-baird', 'delphine-fontenot']) {
  process.stdout.write(`--- ${profile}\n`)
  const stream = await client.chat.completions.create(
    {
      model: 'costeer',
      messages: [{ role: 'user', content: 'Write a short invitation to dinner on Friday for my neighbour.' }],
      temperature: 0,
      frequency_penalty: 0.3,
      max_tokens: 80,
      stream: true,
    },
    { headers: { 'x-costeer-profile': profile } },
  )
  for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? '')
  process.stdout.write('\n')
}
