// What waits in this browser for whoever typed it: sealed (AES-GCM) with a key that the server gives to pages of
// the same account alone, and that is stored nowhere. Where there are no ciphers, over plain http, or no key, it
// waits in the tab and goes with it.

const DAYS = 14;
const { subtle } = crypto;

const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const textOf = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

// A piece that is sealed is bound to its name: at another post it opens nothing.
const cipherFor = (name, iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(name) });

async function sealed(key, name, what) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(what));
  const cipher = await subtle.encrypt(cipherFor(name, iv), await key, plain);
  return { sealed: textOf(new Uint8Array(cipher)), iv: textOf(iv) };
}

async function opened(key, name, kept) {
  const plain = await subtle.decrypt(cipherFor(name, bytesOf(kept.iv)), await key, bytesOf(kept.sealed));
  return JSON.parse(new TextDecoder().decode(plain));
}

// What is sealed lies under a name that earlier versions do not know: they take away what they cannot read. It stays
// bound to the name that it is asked for by.
const nameOfSealed = (name) => name.replace(/^unsent /, "sealed ");

/** The place of this name on the shelf of the account whose key it is. It may refuse whatever it is asked. */
export function placeOf(name, given) {
  const lasts = Boolean(subtle && given);
  const [store, spot] = lasts ? [localStorage, nameOfSealed(name)] : [sessionStorage, name];
  const key = lasts && subtle.importKey("raw", bytesOf(given), "AES-GCM", false, ["encrypt", "decrypt"]);
  let [asked, done] = [0, 0];

  // Seals take their time: an older one never takes the place of a newer one, or of nothing.
  async function put(what) {
    const turn = ++asked;
    const kept = lasts ? await sealed(key, name, what) : what;
    if (turn < done) return;
    store.setItem(spot, JSON.stringify({ ...kept, at: Date.now() }));
    done = turn;
  }

  function clear() {
    done = ++asked;
    store.removeItem(spot);
  }

  // Null where nothing lies. Refuses where another key has sealed it.
  async function read() {
    const kept = parsed(store.getItem(spot));
    return kept?.sealed ? opened(key, name, kept) : kept;
  }

  // What lies in this store under the name itself comes here, unless something newer does. Another tab may be at it.
  async function takeFrom(other) {
    const text = other.getItem(name);
    const kept = parsed(text);
    if (!kept || (other === store && name === spot) || (kept.sealed && !lasts)) return;
    const piece = kept.sealed || !lasts ? kept : await sealed(key, name, kept);
    if (other.getItem(name) !== text) return;
    const isNewer = !(parsed(store.getItem(spot))?.at > kept.at);
    if (isNewer) store.setItem(spot, JSON.stringify({ ...piece, at: kept.at }));
    other.removeItem(name);
  }

  return { lasts, put, clear, read, takeFrom };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The place of what this coder has not sent of this draft, once the shelf is tidy: what is old is gone, and what an
 * earlier version or a sign-in without a key left open is sealed. Where nothing can be sealed only what belongs here
 * is taken over, since it goes with the tab; what is somebody else's waits until they come.
 */
export async function openPlace(coder, draft, given) {
  const name = `unsent ${coder} ${draft}`;
  const place = placeOf(name, given);
  for (const store of [localStorage, sessionStorage]) {
    clean(store);
    const open = Object.keys(store).filter((each) => each.startsWith(`unsent ${coder} `));
    for (const each of open.filter((one) => place.lasts || one === name)) await takeOver(each, given, store);
  }
  return place;
}

function clean(store) {
  const oldest = Date.now() - DAYS * 86_400_000;
  for (const name of Object.keys(store).filter((each) => /^(unsent|sealed|recent) /.test(each))) {
    if (!(parsed(store.getItem(name))?.at > oldest)) store.removeItem(name);
  }
}

// Where a store is full it stays as it is, for the next time.
const takeOver = (name, given, store) => placeOf(name, given).takeFrom(store).catch(() => null);
