/** The schema library, for what comes in over HTTP. */
export { z } from 'zod';
