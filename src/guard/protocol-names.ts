/**
 * What the protocols of language models call fields, roles and types. Whoever they stand for elsewhere, as
 * such they say nothing of anybody.
 */
export const protocolNames: ReadonlySet<string> = new Set(
  `
  additionalProperties arguments assistant audio cache_control chat chat_template_kwargs choice choices content
  default description detail developer dimensions document encoding_format enum file filename format function
  function_call function_call_output functions id image image_url images include index input input_audio
  input_image input_schema input_text instructions items json_object json_schema keep_alive max_completion_tokens
  max_output_tokens max_tokens message messages metadata model name options output output_text parallel
  parallel_tool_calls parameters prediction prompt properties reasoning reasoning_effort required response_format
  role schema source stop strict stream stream_options suffix summary system temperature template templateKwargs
  text think thinking title tool toolChoice tool_call_id tool_calls tool_choice tool_result tool_use tool_use_id
  tools truncation type url user
`
    .trim()
    .split(/\s+/),
)
