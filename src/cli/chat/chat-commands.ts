import { activeProfile, type ChatProfiles, profileLines, profileRefusal } from './chat-profiles.ts'
import type { ChatSession } from './chat-session.ts'

/** What people may type instead of a question. */
const CHAT_HELP = `/profile ID   answer as ID from now on ("none": as nobody)
/profiles     which there are
/strength X   how much the profile counts
/compare      answer without the profile, too; again: no longer
/new          forget what was said
/exit         end (so does Ctrl+D; Ctrl+C stops an answer)`

export type ChatCommandResult = { readonly type: 'said'; readonly text: string } | { readonly type: 'exit' }

/** Carries out a line that starts with a slash; null for a line that is a question. */
export async function chatCommand(
  line: string,
  session: ChatSession,
  readProfiles: () => Promise<ChatProfiles | null>,
): Promise<ChatCommandResult | null> {
  const [, name, rest = ''] = /^\/(\w+)(?: +(.*))?$/.exec(line.trim()) ?? []
  if (name === undefined) return null
  const said = (text: string) => ({ type: 'said', text }) as const
  const change = (settings: Partial<ChatSession['settings']>) => {
    session.settings = { ...session.settings, ...settings }
  }
  switch (name) {
    case 'exit':
    case 'quit':
      return { type: 'exit' }
    case 'new':
      session.restart()
      return said('A new conversation.')
    case 'profiles':
      return said(profileLines(session.settings.profile, await readProfiles()))
    case 'profile': {
      const profiles = await readProfiles()
      const refusal = rest === '' ? null : profileRefusal(rest, profiles)
      if (refusal !== null) return said(refusal)
      if (rest !== '') change({ profile: rest })
      const active = activeProfile(session.settings.profile, profiles) ?? 'as the gateway chooses'
      return said(`${rest === '' ? 'Answers come' : 'From now on'} ${active}.`)
    }
    case 'strength': {
      const strength = Number(rest)
      if (rest === '' || !(strength >= 0 && strength <= 20)) return said('Give a number from 0 to 20.')
      change({ strength })
      return said(`From now on with strength ${strength}.`)
    }
    case 'compare':
      change({ compare: !session.settings.compare })
      return said(session.settings.compare ? 'Each question gets two answers.' : 'One answer each.')
    case 'help':
      return said(CHAT_HELP)
    default:
      return said(`There is no /${name}.\n${CHAT_HELP}`)
  }
}
