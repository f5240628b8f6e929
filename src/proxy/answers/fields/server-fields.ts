import { harmless, neutral } from './field-table.ts'

/** Fields that every endpoint takes for a provider's accounts and caches. */
export const accountFields = {
  prompt_cache_key: harmless,
  safety_identifier: harmless,
  service_tier: harmless,
  store: harmless,
}

/** Fields of servers that OpenAI does not have, but that their clients send to chat and completions alike. */
export const extensionFields = {
  cache_prompt: harmless,
  cache_salt: harmless,
  priority: harmless,
  request_id: harmless,
  allowed_token_ids: neutral([]),
  bad_words: neutral([]),
  grammar: neutral(''),
  guided_choice: neutral(),
  guided_grammar: neutral(),
  guided_json: neutral(),
  guided_regex: neutral(),
  ignore_eos: neutral(false),
  include_stop_str_in_output: neutral(false),
  json_schema: neutral(),
  length_penalty: neutral(1),
  min_tokens: neutral(0),
  mirostat: neutral(0),
  repeat_penalty: neutral(1),
  repetition_penalty: neutral(1),
  skip_special_tokens: neutral(true),
  stop_token_ids: neutral([]),
  structured_outputs: neutral(),
  typical_p: neutral(1),
  use_beam_search: neutral(false),
}
