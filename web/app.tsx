// This room owns the playground, a page that talks to the gateway over HTTP alone. Of the gateway's source it
// takes types, and functions that read nothing.

import { CompareView } from './compare/compare-view.tsx'
import { TokenPopover } from './compare/token-popover.tsx'
import { Header } from './header.tsx'
import { KeyForm } from './key-form.tsx'
import { ModelsView } from './models/models-view.tsx'
import { Notices } from './notices.tsx'
import { ProfilesView } from './profiles/profiles-view.tsx'
import { RequestsView } from './requests/requests-view.tsx'
import { connect, connection, view } from './state/session.ts'
import { t } from './texts/texts.ts'

export function App() {
  return (
    <>
      <Header />
      <main id="main">
        <Content />
      </main>
      <TokenPopover />
      <Notices />
    </>
  )
}

function Content() {
  const { value } = connection
  switch (value.state) {
    case 'connecting':
      return <p class="page-note">{t().connecting}</p>
    case 'key-needed':
      return <KeyForm />
    case 'failed':
      return (
        <div class="page-note">
          <p role="alert">{value.message}</p>
          <button type="button" class="button" onClick={() => void connect()}>
            {t().tryAgain}
          </button>
        </div>
      )
    case 'ready':
      return <View />
    default:
      return value satisfies never
  }
}

function View() {
  switch (view.value) {
    case 'compare':
      return <CompareView />
    case 'profiles':
      return <ProfilesView />
    case 'models':
      return <ModelsView />
    case 'requests':
      return <RequestsView />
    default:
      return view.value satisfies never
  }
}
