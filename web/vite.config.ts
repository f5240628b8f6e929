import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // The gateway may be served below another path.
  base: './',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The page's content security policy allows files of its own only, so no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8787', '/costeer': 'http://127.0.0.1:8787' } },
})
