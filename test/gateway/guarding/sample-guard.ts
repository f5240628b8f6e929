import { makeGuard } from '../../../src/guard/make-guard.ts'

/** A guard of some values; `masked` and `real` are the same sentence in both views. */
export function sampleGuard() {
  const guard = makeGuard({
    values: [
      { kind: 'person', value: 'Noor Lindqvist', forms: ['Noor'] },
      { kind: 'other', value: 'the "old" mill', forms: [] },
      { kind: 'phone', value: '+44 20 7946 0958', forms: [] },
      { kind: 'number', value: '6304 0000 0000 0000 000', forms: [] },
    ],
    texts: [],
    secret: new Uint8Array(32),
    conversation: 'sample',
  })
  const real = 'Noor Lindqvist lives in the "old" mill, says Noor.'
  return { guard, real, masked: guard.mask(real) }
}
