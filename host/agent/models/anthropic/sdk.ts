/** The one door to `@anthropic-ai/sdk`; loaded only when this provider is configured. */
export {
  Anthropic,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
} from '@anthropic-ai/sdk';
