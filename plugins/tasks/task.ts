export const taskStatuses = ['pending', 'in_progress', 'completed'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export interface Task {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly status: TaskStatus;
  /** 1 is the most urgent, 5 the least. */
  readonly priority: number;
  /** `YYYY-MM-DD HH:MM:SS` in UTC, as SQLite writes it. */
  readonly created_at: string;
  readonly started_at?: string;
  readonly completed_at?: string;
}

export const defaultPriority = 3;

/** What is not a priority counts as the default one. */
export function parsePriority(priority: number | undefined): number {
  return priority !== undefined && Number.isInteger(priority) && priority >= 1 && priority <= 5
    ? priority
    : defaultPriority;
}
