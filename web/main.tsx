import { render } from 'preact'
import { App } from './app.tsx'
import { followAddress } from './state/address.ts'
import { greetNewcomer } from './state/first-visit.ts'
import { keepAnswers } from './state/kept-answers.ts'
import { connect } from './state/session.ts'
import { followLanguage } from './texts/language.ts'
import { askBeforeLeaving } from './unsaved.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/compare.css'
import './styles/answer.css'
import './styles/details.css'
import './styles/profiles.css'
import './styles/dialogs.css'
import './styles/interview.css'
import './styles/requests.css'
import './styles/models.css'

followLanguage()
const root = document.getElementById('root')
if (root !== null) render(<App />, root)
const isLinked = followAddress()
askBeforeLeaving()
void connect().then(() => {
  keepAnswers()
  if (!isLinked) greetNewcomer()
})
