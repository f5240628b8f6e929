import { InferenceSession } from 'onnxruntime-node'

/**
 * Waiting threads sleep: spinning gains a tenth on an idle machine and halves the speed
 * beside another busy program, such as an upstream. Numbers too small for a normalised
 * float32 count as zero, since they slow many processors down.
 */
const settings = { session: { intra_op: { allow_spinning: '0' }, set_denormal_as_zero: '1' } }

const ERRORS_ONLY = 3

/** Loads a graph file, and the weights beside it, for `threads` cores. */
export function createSession(path: string, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Plans for reusing memory are kept by input shape, and ours never come back
    enableMemPattern: false,
    logSeverityLevel: ERRORS_ONLY,
    extra: settings,
  })
}
