/**
 * Names that people of any gender have, so that pronouns beside them stay right. None ends in an s, and none
 * of these lists has words that answers are full of, since a client reads the value in their place.
 */
export const givenNames = words(`
  Alex Avery Andy Aubrey Addison Ainsley Arden Ashley Ashton Emery Emory Elliot Ellery Jamie Jesse Jody Jackie Kim
  Kelly Kerry Kendall Kirby Lee Logan Leslie Lindsay Morgan Marlowe Marley Merle Mackenzie Noel Nico Peyton Presley
  Quinn Rene Riley Rory Reese Sam Sasha Shannon Shelby Sidney Skyler Taylor Tatum Toby Terry Tracy Blake Bailey
  Casey Cameron Charlie Corey Courtney Dana Finley Frankie Hayden Kai Whitney
`)

export const surnames = words(`
  Abbott Ackerman Ashworth Atkinson Arnold Elliott Emerson Everett Ingram Irving Irwin Osborn Oakley Underwood
  Upton Bancroft Barlow Bennett Bradford Caldwell Calloway Cole Crawford Dalton Dawson Donovan Drummond Farrell
  Fletcher Gallagher Goodwin Hadley Harmon Harrington Holloway Kendrick Lambert Langley Lawson Lockhart Maddox
  Marlow Maxwell Merritt Norwood Pemberton Prescott Ramsey Redmond Sheridan Sinclair Stanton Thornton Tillman Vaughn
  Wakefield Walden Whitaker Whitfield Winslow
`)

export const placeNames = words(`
  Abingdon Alton Amberley Ashford Avondale Eastbourne Edgeworth Ellerton Evesham Ilford Inverleith Ipswich
  Oakham Oldbury Ormskirk Uppingham Aldbourne Barnsley Beaumont Bridport Brookfield Camden Carlton Clifton Dartford
  Denham Dover Fairview Felton Glenwood Hartford Hatfield Highbury Kingston Lancaster Linfield Ludlow Marlborough
  Melrose Milford Northam Norton Pembroke Redford Richmond Salford Selby Stafford Stratford Taunton Thornbury
  Warwick Weston Whitby Winchester Woodford
`)

export const commonNouns = words(`
  abacus acorn anvil easel emblem ermine iguana inkwell obelisk onyx ukulele bassoon bobbin bonnet canister cobalt
  ferret gable garnet goblet hazel juniper kettle lantern lyre nettle nutmeg parchment pewter puffin quartz ribbon
  saddle sequin spindle thimble trowel tulip velvet walnut whistle willow
`)

export const conditions = [
  'asthma',
  'anaemia',
  'arthritis',
  'eczema',
  'epilepsy',
  'insomnia',
  'migraine',
  'psoriasis',
  'sciatica',
  'rosacea',
  'hay fever',
  'high blood pressure',
  'low blood pressure',
  'gout',
  'tinnitus',
  'vertigo',
  'reflux',
  'lactose intolerance',
]

export const months = words(
  'January February March April May June July August September October November December',
)

/** Words of names that say nothing of whose they are. */
const particles = new Set(
  words(`
    a al and at bin da de del den der di du el for in la le of on the und van von y
    dr mr mrs ms prof sir st jr sr
  `),
)

/** Words that say what something is, not which one: they stay, but in people's names. */
const designators = new Set(
  words(`
    street road lane avenue drive way square court close place row hill park gardens terrace crescent boulevard
    strasse weg platz rue via calle flat apartment apt suite floor house building unit room box
    city town county state north south east west upper lower new old great saint
    river lake bay island islands mount mountain valley beach
    ltd limited inc llc plc gmbh ag co company corp corporation group holdings partners associates sons
    university college school institute academy hospital clinic bank church museum library council department
    ministry agency office centre center foundation trust society association union club team studio lab laboratory
    com org net io www http https mail
  `),
)

export function isParticle(word: string): boolean {
  return particles.has(word.toLowerCase())
}

export function isDesignator(word: string): boolean {
  return isParticle(word) || designators.has(word.toLowerCase())
}

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
