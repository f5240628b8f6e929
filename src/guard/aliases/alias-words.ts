/** Names that people of any gender have, so that pronouns beside them stay right. None ends in an s. */
export const givenNames = words(`
  Alex Avery Andy Aubrey Ariel Addison Emery Elliot Ellery Eden Indigo Ira Jamie Jordan Jesse Jody Kim Kelly Kerry
  Kendall Lee Logan Leslie Morgan Marlowe Merle Noel Nico Parker Peyton Quinn Robin Riley Rowan Rory Reese Sam
  Sasha Shannon Sidney Skyler Taylor Tatum Toby Terry Tracy Wren Blake Bailey Casey Cameron Charlie Dana Devon
  Drew Finley Frankie Harper Hayden Jan Kai
`)

export const surnames = words(`
  Abbott Ashworth Atkinson Archer Arnold Elliott Emerson Everett Ingram Irving Irwin Osborn Oakley Underwood
  Upton Barlow Bennett Bradford Calloway Carver Chandler Cole Crawford Dalton Dawson Drummond Farrell Fletcher
  Foster Garner Goodwin Granger Hadley Harmon Holloway Hudson Kendrick Lambert Langley Lawson Lockhart Maddox
  Marlow Mercer Merritt Norwood Palmer Prescott Ramsey Redmond Sheridan Sinclair Stanton Thornton Tanner Vaughn
  Wakefield Walden Webster Whitaker Winslow
`)

export const placeNames = words(`
  Abingdon Alton Amberley Ashford Avondale Eastbourne Edgeworth Ellerton Evesham Ilford Inverleith Ipswich
  Oakham Oldbury Ormskirk Uppingham Aldbourne Barrow Beaumont Bridport Brookfield Camden Carlton Clifton Dartford
  Denham Dover Fairview Felton Glenwood Hartford Hatfield Highbury Kingston Lancaster Linfield Ludlow Marlborough
  Melrose Milford Northam Norton Pembroke Redford Richmond Salford Selby Stafford Stratford Taunton Thornbury
  Warwick Weston Whitby Winchester Woodford
`)

export const commonNouns = words(`
  anchor apple arch engine elm island inlet orchard onyx umbrella basket beacon bridge candle canyon copper
  feather ferry forest garden garnet harbour hazel juniper kettle lantern linen maple marble meadow mirror
  nettle paper pebble pepper pocket quartz ribbon river saddle silver summit thimble timber tulip velvet walnut
  willow winter
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

/** Words that say what something is, not which one: they stay. */
const designators = new Set(
  words(`
    a al and at bin da de del den der di du el for in la le of on the und van von y
    dr mr mrs ms prof sir st jr sr
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

export function isDesignator(word: string): boolean {
  return designators.has(word.toLowerCase())
}

function words(text: string): string[] {
  return text.trim().split(/\s+/)
}
