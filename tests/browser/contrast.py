"""Which letters axe-core measures the contrast of: of each kind the first, and whatever lies over others.

It takes two thirds of its time for contrast, which is the same wherever letters of the same colour and size
stand on the same grounds. A tab remembers what kinds it has seen.
"""

ONE_OF_A_KIND = """() => {
  const known = new Map(), plain = 'rgba(0, 0, 0, 0),none,1,none,normal'
  const ground = (node) => {
    if (!node) return {kind: '', isPlaced: false}
    if (known.has(node)) return known.get(node)
    const style = getComputedStyle(node), below = ground(node.parentElement)
    const {backgroundColor, backgroundImage, opacity, filter, mixBlendMode} = style
    const own = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode].join()
    const isMoved = style.float !== 'none' || style.transform !== 'none'
      || [style.marginTop, style.marginBottom, style.marginLeft, style.marginRight].join().includes('-')
    const isPlaced = below.isPlaced || isMoved || !['static', 'relative'].includes(style.position)
    const found = {kind: own === plain ? below.kind : `${below.kind}|${own}`, isPlaced}
    known.set(node, found)
    return found
  }
  const seen = new Set(JSON.parse(sessionStorage.getItem('kinds of letters') ?? '[]'))
  for (const node of document.querySelectorAll('body *')) {
    const hasLetters = [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim())
    if (!hasLetters && !node.matches('input, select, textarea')) continue
    if (!node.checkVisibility({visibilityProperty: true})) continue
    const style = getComputedStyle(node), {kind, isPlaced} = ground(node)
    const {color, fontSize, fontWeight, textShadow} = style
    const isOff = node.closest(':disabled, [aria-disabled="true"]') !== null
    const letters = [kind, color, fontSize, fontWeight, textShadow, isOff].join('/')
    if (isPlaced || !seen.has(letters)) node.setAttribute('data-contrast', '')
    // It measures nothing of a disabled control, a single character or an emoji.
    if (!isPlaced && !isOff && /\\p{L}{2}/u.test(node.textContent)) seen.add(letters)
  }
  sessionStorage.setItem('kinds of letters', JSON.stringify([...seen]))
  axe.configure({rules: [{id: 'color-contrast', selector: '[data-contrast]'}]})
}"""
