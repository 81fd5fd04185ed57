/** The second door to the engine, behind which Google's client stands: opened only when Gemini is chosen. */
export { Gemini } from '@google/adk';
