/** Tools that look and judge. A reviewer that builds reviews its own work. */
export const lightTools = ['memory', 'tasks', 'soul', 'read', 'search', 'extension_list', 'plugin_list'] as const;

/** With what it takes to see for oneself whether something works. */
export const checkingTools = [...lightTools, 'bash', 'extension_run', 'extension_test', 'build_check'] as const;

/** What every reviewer is told. */
export const judging = `Judge by what you see, not by what the report says: look at the files, run what can be run.
Say concretely what is good and what is missing, the most important first; ask for nothing that the task does not need.
Signal "continue" with what the next round has to do, "pause" with the question when only a person can decide or give something, "done" when the task is fulfilled.
When a round brought nothing new, say what keeps it from getting on; if that will not change by itself, signal "pause".`;
