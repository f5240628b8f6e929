import { render } from 'preact'
import { App } from './app.tsx'
import { greetNewcomer } from './state/first-visit.ts'
import { connect } from './state/session.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/compare.css'
import './styles/answer.css'
import './styles/details.css'
import './styles/profiles.css'

const root = document.getElementById('root')
if (root !== null) render(<App />, root)
void connect().then(greetNewcomer)
