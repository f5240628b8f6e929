/** Where Ollama sends conversations with a model of its cloud, unless it tells another host. */
const CLOUD_HOST = 'https://ollama.com'

/**
 * The host on which a model runs in place of the Ollama that is asked, or null. A tag `cloud`, or one that
 * ends in `-cloud`, sends it to Ollama's cloud, whether or not such a model was pulled
 * (`internal/modelref/modelref.go` there).
 */
export function hostElsewhere(name: string, told: string | null | undefined): string | null {
  if (told) return told
  return isCloudName(name) ? CLOUD_HOST : null
}

/** Whether a name is that of a model that Ollama runs elsewhere, such as `gpt-oss:120b-cloud`. */
export function isCloudName(name: string): boolean {
  return /:(?:[^/:]*-)?cloud$/i.test(name.trim())
}
