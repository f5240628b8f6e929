import { z } from 'zod'

/** The systems that a run can compare, by what people call them. */
export const systemKindSchema = z.enum([
  'upstream',
  'local-without',
  'local-with',
  'costeer',
  'adacosteer',
  'upstream-with-profile',
])

export type SystemKind = z.infer<typeof systemKindSchema>

/** Something that answers a request. */
export type System =
  /** The large model, which knows nothing of the user. */
  | { readonly kind: 'upstream' }
  /** The small model by itself. */
  | { readonly kind: 'local-without' }
  /** The small model with the profile in its prompt. */
  | { readonly kind: 'local-with'; readonly form: string }
  /** The large model steered by the small one; `adacosteer` with the gate. */
  | {
      readonly kind: 'costeer' | 'adacosteer'
      readonly form: string
      /** c */
      readonly strength: number
      /** K */
      readonly candidates: number
    }
  /** The large model with the profile in its prompt: what giving privacy up would bring. */
  | { readonly kind: 'upstream-with-profile'; readonly form: string }

export interface SystemAxes {
  readonly kinds: readonly SystemKind[]
  readonly forms: readonly string[]
  readonly strengths: readonly number[]
  readonly candidates: readonly number[]
  /** The form in which the upstream would get the profile. */
  readonly ceilingForm: string
}

/** Every system that the axes span. */
export function systemsOf({ kinds, forms, strengths, candidates, ceilingForm }: SystemAxes): System[] {
  return kinds.flatMap((kind): System[] => {
    if (kind === 'upstream' || kind === 'local-without') return [{ kind }]
    if (kind === 'upstream-with-profile') return [{ kind, form: ceilingForm }]
    if (kind === 'local-with') return forms.map((form) => ({ kind, form }))
    return forms.flatMap((form) =>
      candidates.flatMap((count) =>
        strengths.map((strength) => ({ kind, form, strength, candidates: count })),
      ),
    )
  })
}

/** A name that holds all settings: the same name is the same system. */
export function systemName(system: System): string {
  if (system.kind === 'upstream' || system.kind === 'local-without') return system.kind
  const form = `${system.kind} ${system.form}`
  return 'strength' in system ? `${form} c=${system.strength} K=${system.candidates}` : form
}
