import { parseSqlTime } from './sql-time.ts';
import type { Task } from './task.ts';

export interface TaskReport {
  readonly active: readonly Task[];
  /** Active ones that the list does not show. */
  readonly hidden: number;
  readonly recentlyCompleted: readonly Task[];
}

const defaultDirective = `DEFAULT DIRECTIVE: there is no open task.
1. Review your memory and your purpose.
2. Pick a project that is useful to the person you work for.
3. Create tasks for it.
4. Begin the first.`;

/** The task list as the agent reads it at a heartbeat. */
export function formatTaskReport(report: TaskReport, now: number): string {
  const running = report.active.filter((task) => task.status === 'in_progress');
  const pending = report.active.filter((task) => task.status === 'pending');
  const sections = [
    section(
      'IN PROGRESS',
      running.map((task, index) => `${index + 1}. ${label(task)} (started ${ago(task.started_at, now)})`),
    ),
    section('PENDING', [
      ...pending.map((task) => label(task)),
      ...(report.hidden > 0 ? [`… and ${report.hidden} more`] : []),
    ]),
    section(
      'RECENTLY COMPLETED',
      report.recentlyCompleted.map((task) => `${label(task)} (completed ${ago(task.completed_at, now)})`),
    ),
    report.active.length === 0 ? defaultDirective : '',
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

/** Such as `12m ago`. */
export function ago(text: string | undefined, now: number): string {
  const time = text === undefined ? null : parseSqlTime(text);
  if (time === null) return 'recently';
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ago` : `${Math.floor(hours / 24)}d ago`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}`;
}

function label(task: Task): string {
  return `[#${task.id} P${task.priority}] ${task.title}`;
}
