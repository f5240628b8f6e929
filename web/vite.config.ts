import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineConfig, type Plugin } from 'vite'

const LICENCE = '@fontsource-variable/source-serif-4/LICENSE'

/** Puts the typeface's licence beside its file. */
function fontLicence(): Plugin {
  return {
    name: 'font-licence',
    generateBundle() {
      const source = readFileSync(createRequire(import.meta.url).resolve(LICENCE), 'utf8')
      this.emitFile({ type: 'asset', fileName: 'assets/source-serif-4-LICENSE.txt', source })
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  // The gateway may be served below another path.
  base: './',
  plugins: [fontLicence()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The page's content security policy allows files of its own only, so no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8787', '/costeer': 'http://127.0.0.1:8787' } },
})
