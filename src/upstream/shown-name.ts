/**
 * What a model is called where a person reads it: a server that was told no alias names the path of its file,
 * of which the last part without its ending is shown. Names of hubs stay whole.
 */
export function shownName(model: string): string {
  const isPath = /^(?:\/|\.{1,2}[\\/]|~|[a-z]:[\\/])|\.gguf$/i.test(model)
  return isPath
    ? (model.split(/[\\/]/).findLast((part) => part !== '') ?? model).replace(/\.gguf$/i, '')
    : model
}
