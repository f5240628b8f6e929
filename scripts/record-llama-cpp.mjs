// Records llama.cpp's next-token distributions along a text, as an oracle for our own engine on the same GGUF
// file. usage: record-llama-cpp.mjs PORT FILE.json (a llama-server that serves the model must listen on PORT)
import { writeFileSync } from 'node:fs'

const [port, target] = process.argv.slice(2)
const CANDIDATES = 20
const POSITIONS = 300

// Ordinary prose of several kinds, written for this purpose
const text =
  `The harbour was quiet when Marta came down the steps with her bag over one shoulder. Two boats had already gone
out, and the third lay low in the water, its engine coughing every few seconds. "You are late," said the old man without
looking up. She laughed. It was four minutes past six, and he had been saying the same thing every morning since May.

Bread needs only four things: flour, water, salt and time. Mix 500 g of flour with 350 g of water and let the dough rest for
half an hour before you add the salt. Fold it every thirty minutes, three times in all, and leave it in the fridge overnight.
In the morning, heat the oven to 240 degrees and bake the loaf for 40 minutes until the crust is dark brown.

A binary search looks for a value in a sorted list. It compares the value with the middle element and then continues in the
half that can still hold it. Because the list shrinks by half in every step, a million elements need about twenty comparisons.
The same idea finds the point where a function changes its sign, and the commit that broke a test.

Dear Mr. Okafor, thank you for your letter of 12 March. We have looked into the delay and found that the parcel was sent to the
wrong address. A replacement will leave our warehouse tomorrow, and we will refund the shipping costs. Please accept our
apologies. Kind regards, Elena Fischer`.replaceAll(/([^\n])\n([^\n])/g, '$1 $2')

async function ask(path, body) {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}`)
  return reply.json()
}

const { tokens } = await ask('/tokenize', { content: text, add_special: false, parse_special: false })
const props = await (await fetch(`http://127.0.0.1:${port}/props`)).json()
const { tokens: ends } = await ask('/tokenize', { content: props.eos_token, parse_special: true })
const ids = tokens.slice(0, POSITIONS)
const rows = []
for (let length = 1; length <= ids.length; length++) {
  // Forcing a harmless token keeps answers whole that would end inside a character; the
  // log-probabilities stay the same
  const { completion_probabilities: answers } = await ask('/completion', {
    prompt: ids.slice(0, length),
    n_predict: 1,
    n_probs: CANDIDATES,
    logit_bias: [[ends[0], 1000]],
    id_slot: 0,
  })
  const top = answers[0].top_logprobs
  rows.push([top.map(({ id }) => id), top.map(({ logprob }) => Number(logprob.toFixed(4)))])
}
const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
writeFileSync(
  target,
  `{\n  "build": ${JSON.stringify(props.build_info)},\n  "tokens": ${JSON.stringify(ids)},\n  "rows": [\n${lines}\n  ]\n}\n`,
)
console.log(`${rows.length} positions recorded`)
