/** What the offline model says when it is asked for help. */
export const offlineHelp = `I am **not a language model**. This claw runs with the built-in \`offline\` model, which needs no key and follows plain commands only.

**To give the claw a language model**, set one of these in the environment and start it again:
- \`ANTHROPIC_API_KEY\`: any Anthropic-compatible endpoint. \`ANTHROPIC_API_BASE\` (default z.ai) and \`ANTHROPIC_MODEL\` choose which.
- \`GOOGLE_API_KEY\`: Gemini; \`GEMINI_MODEL\` chooses which.

**Commands** (one a line; several lines run side by side)
- \`/tools\`: what there is to call
- \`/tool NAME key=value key="two words" list=[1,2]\`: calls a tool
- \`/tool NAME {"key": "value"}\`: the same with JSON
- \`/then\`: on a line of its own: what follows waits for what came before
- \`/say TEXT\`: says a text

**Sentences that I know**, as far as their tools are loaded
- \`remember that …\`, \`what do you remember about …\`, \`what do you remember\`
- \`add task …\`, \`list tasks\`, \`start task 1\`, \`complete task 1\`, \`remove task 1\`
- \`read PATH\`, \`write PATH: TEXT\`, \`edit PATH: OLD => NEW\`, \`find FILES\`, \`run COMMAND\`
- \`read SOUL.md\` (or IDENTITY, USER, HEARTBEAT, BOOTSTRAP)
- \`ask AGENT to …\``;

export const notALanguageModel =
  'I am not a language model: this claw runs with the built-in `offline` model, which follows plain commands only. ' +
  'Set `ANTHROPIC_API_KEY` (or `GOOGLE_API_KEY` for Gemini) and start it again to talk freely. ' +
  'Until then type `help` to see what I understand.';
