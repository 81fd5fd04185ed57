import { ClayError, type Clock, type Migration, type SqlRow, type Store } from '@clay/sdk';
import { toSqlTime } from './sql-time.ts';
import { parsePriority, type Task, type TaskStatus } from './task.ts';

export const taskMigrations: readonly Migration[] = [
  {
    id: '001_tasks',
    // The columns that databases of the original have.
    sql: `
      CREATE TABLE IF NOT EXISTS tasks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        description TEXT,
        status TEXT DEFAULT 'pending',
        priority INTEGER DEFAULT 3,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        started_at TIMESTAMP,
        completed_at TIMESTAMP
      );
      CREATE INDEX IF NOT EXISTS tasks_by_status ON tasks (status, priority, id);
    `,
  },
];

/** What a list shows at most; the count tells how many there are. */
export const maxListed = 200;
const maxTitleLength = 500;
const maxDescriptionLength = 20_000;

export interface NewTask {
  readonly title: string;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
}

/** The tasks in the plugin's table. */
export class TaskList {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async add({ title, description = '', priority }: NewTask): Promise<Task> {
    const trimmed = title.trim();
    if (trimmed === '')
      throw new ClayError('BAD_ARGUMENTS', 'A task needs a title: say in a few words what is to be done.');
    checkLength('title', trimmed, maxTitleLength);
    checkLength('description', description, maxDescriptionLength);
    const { rows } = await this.#store.sql(
      "INSERT INTO tasks (title, description, status, priority, created_at) VALUES (?, ?, 'pending', ?, ?) RETURNING *",
      [trimmed, description, parsePriority(priority), this.#now()],
    );
    return toTask(rows[0] ?? {});
  }

  /** Without a status: those that are not completed. By priority, then by age. */
  async list(status?: TaskStatus): Promise<{ readonly tasks: readonly Task[]; readonly total: number }> {
    const [condition, parameters] = status === undefined ? ["status <> 'completed'", []] : ['status = ?', [status]];
    const [tasks, count] = await this.#store.transaction([
      { sql: `SELECT * FROM tasks WHERE ${condition} ORDER BY priority, id LIMIT ${maxListed}`, parameters },
      { sql: `SELECT count(*) AS total FROM tasks WHERE ${condition}`, parameters },
    ]);
    return { tasks: (tasks?.rows ?? []).map(toTask), total: Number(count?.rows[0]?.total ?? 0) };
  }

  /** Newest first. */
  async completedSince(time: number, limit: number): Promise<readonly Task[]> {
    const { rows } = await this.#store.sql(
      "SELECT * FROM tasks WHERE status = 'completed' AND completed_at >= ? ORDER BY completed_at DESC, id DESC LIMIT ?",
      [toSqlTime(time), limit],
    );
    return rows.map(toTask);
  }

  async start(id: number): Promise<Task> {
    const { rows } = await this.#store.sql(
      "UPDATE tasks SET status = 'in_progress', started_at = ? WHERE id = ? AND status = 'pending' RETURNING *",
      [this.#now(), id],
    );
    return rows[0] === undefined ? this.#refuse(id, 'started', 'pending') : toTask(rows[0]);
  }

  async complete(id: number): Promise<Task> {
    const { rows } = await this.#store.sql(
      "UPDATE tasks SET status = 'completed', completed_at = ? WHERE id = ? AND status IN ('pending', 'in_progress') RETURNING *",
      [this.#now(), id],
    );
    return rows[0] === undefined ? this.#refuse(id, 'completed', 'pending or in progress') : toTask(rows[0]);
  }

  async remove(id: number): Promise<Task> {
    const { rows } = await this.#store.sql('DELETE FROM tasks WHERE id = ? RETURNING *', [id]);
    return rows[0] === undefined ? this.#refuse(id, 'removed', 'there') : toTask(rows[0]);
  }

  async #refuse(id: number, verb: string, wanted: string): Promise<never> {
    const { rows } = await this.#store.sql('SELECT * FROM tasks WHERE id = ?', [id]);
    if (rows[0] === undefined) {
      throw new ClayError('NOT_FOUND', `There is no task #${id}. List the tasks to see their numbers.`);
    }
    const { title, status } = toTask(rows[0]);
    throw new ClayError(
      'CONFLICT',
      `Task #${id} "${title}" cannot be ${verb}: it is ${status.replace('_', ' ')}, and only a task that is ${wanted} can be.`,
    );
  }

  #now(): string {
    return toSqlTime(this.#clock.now());
  }
}

function checkLength(name: string, text: string, limit: number): void {
  if (text.length > limit) {
    throw new ClayError(
      'TOO_LARGE',
      `The ${name} has ${text.length} characters; at most ${limit} are kept. Put the rest into a file or a memory.`,
    );
  }
}

/** Rows of the original may lack a description, a status or a priority. */
function toTask(row: SqlRow): Task {
  const optional = (name: 'description' | 'started_at' | 'completed_at') =>
    row[name] === null || row[name] === undefined || row[name] === '' ? {} : { [name]: String(row[name]) };
  return {
    id: Number(row.id),
    title: String(row.title),
    ...optional('description'),
    status: row.status === 'in_progress' || row.status === 'completed' ? row.status : 'pending',
    priority: parsePriority(Number(row.priority)),
    created_at: String(row.created_at ?? ''),
    ...optional('started_at'),
    ...optional('completed_at'),
  };
}
