interface RecordedExample {
  /** The pair that made it. */
  readonly models: string
  /** Whose the steered answer is. */
  readonly profile: string
  readonly question: string
  readonly plain: string
  /** Text, and words that the profile changed, with how far in nats. */
  readonly steered: readonly (string | { readonly word: string; readonly shift: number })[]
}

/** Made at temperature 0 and strength 1, and kept as it came. */
export const recordedExample: RecordedExample = {
  models: 'Qwen2.5-Coder 1.5B and 0.5B',
  profile: 'Delphine Fontenot',
  question: 'What do you see from your window this morning?',
  plain:
    "As an AI language model, I don't have a physical window to see from. However, I can tell you that the weather is currently sunny and warm, with a high pressure system moving in from the north.",
  steered: [
    { word: 'Oh', shift: 15.9 },
    ', ',
    { word: 'darling', shift: 17.6 },
    '!\n\nI see a ',
    { word: 'red', shift: 4.4 },
    ' ',
    { word: 'oak', shift: 6.4 },
    ' tree ',
    { word: 'full', shift: 7.3 },
    ' of leaves, a ',
    { word: 'man', shift: 7.8 },
    ' with a ',
    { word: 'guitar', shift: 3.7 },
    ', and a woman with a ',
    { word: 'guitar', shift: 2.4 },
    ' and a ',
    { word: 'bow', shift: 2.8 },
    ' ',
    { word: 'tie', shift: 11.8 },
    '! The ',
    { word: 'sky', shift: 2.4 },
    ' is as ',
    { word: 'bright', shift: 1.7 },
    ' as a ',
    { word: 'sun', shift: 2.1 },
    '!\n\n',
    { word: 'Kisses', shift: 20.7 },
    ' and ',
    { word: 'roses', shift: 25.5 },
    ',\nQwen',
  ],
}
