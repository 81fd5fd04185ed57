/** The schema library, for what comes in from outside: settings, requests. */
export { z } from 'zod';
