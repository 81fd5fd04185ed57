/** For a visitor who followed a link to nothing. */
export const missingPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not found</title><link rel="icon" href="data:,">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1.25rem;color-scheme:light dark}</style>
<h1>There is nothing here</h1><p>The page that you asked for does not exist, or not any more. <a href="/">To the front page</a></p></html>
`;
