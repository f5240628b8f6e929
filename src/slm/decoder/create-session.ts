import { InferenceSession } from 'onnxruntime-node'

/**
 * Waiting threads sleep: spinning gains a tenth on an idle machine and halves the speed
 * beside another busy program, such as an upstream. Numbers too small for a normalised
 * float32 count as zero, since they slow many processors down.
 */
const settings = { session: { intra_op: { allow_spinning: '0' }, set_denormal_as_zero: '1' } }

const ERRORS_ONLY = 3

/** Where a session is to store itself, with the form of the weights that its kernels compute with. */
export interface StoredSession {
  readonly path: string
  /** A name for the weights beside it. */
  readonly weightsFile: string
}

/** Loads a graph file, and the weights beside it, for `threads` cores. */
export function createSession(
  path: string,
  threads: number,
  storeAs?: StoredSession,
): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Plans for reusing memory are kept by input shape, and ours never come back
    enableMemPattern: false,
    // An arena keeps what it has got beyond the session's end, and a run without one is no slower
    enableCpuMemArena: false,
    logSeverityLevel: ERRORS_ONLY,
    ...(storeAs === undefined
      ? { extra: settings }
      : { extra: storingSettings(storeAs), optimizedModelFilePath: storeAs.path }),
  })
}

function storingSettings({ weightsFile }: StoredSession) {
  const storing = {
    optimized_model_external_initializers_file_name: weightsFile,
    optimized_model_external_initializers_min_size_in_bytes: '1024',
    save_external_prepacked_constant_initializers: '1',
  }
  return { session: { ...settings.session, ...storing } }
}
