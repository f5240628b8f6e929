"""vLLM's plugin for calls that calls-in-toolcall-tags.jinja asks for: one a message, in <TOOLCALL>[...]</TOOLCALL>."""

import regex

from vllm.tool_parsers.abstract_tool_parser import ToolParserManager
from vllm.tool_parsers.hermes_tool_parser import Hermes2ProToolParser


@ToolParserManager.register_module("toolcall_tags")
class ToolcallTagsParser(Hermes2ProToolParser):
    tool_call_start_token = "<TOOLCALL>["
    tool_call_end_token = "]</TOOLCALL>"
    tool_call_regex = regex.compile(
        r"<TOOLCALL>\[(.*?)\]</TOOLCALL>|<TOOLCALL>\[(.*)", regex.DOTALL
    )
