package html

// The program of the page is bundled from the TypeScript in app/, and committed, so that building looptrace takes nothing
// but Go. The bundler is in a module of its own: looptrace does not depend on it.
//go:generate go run -C ../../tools ./bundle ../report/html/app/main.ts ../report/html/dist/app.js
