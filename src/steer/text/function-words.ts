/** English words that say how a text is made and not what it is about. */
export const functionWords: ReadonlySet<string> = new Set(
  `a about after again all also although am among an and another any are as at be because been before being between
  both but by can could did do does during each either for from had has have he her here hers him his how however i
  if in into is it it's its just let like may me might mine more most much must my neither no nor not now of off on
  once one only or other our ours out over own shall she should since so some still such than that the their theirs
  them then there these they this those though through thus till to too under until up upon us very was we were what
  when where whether which while who whom whose why will with within without would yet you your yours i'm i've we're
  don't can't isn't that's you're let's i'll we'll won't didn't`.split(/\s+/),
)
