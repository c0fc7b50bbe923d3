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

/** The place of this name on the shelf of the account whose key it is. It may refuse whatever it is asked. */
export function placeOf(name, given) {
  const lasts = Boolean(subtle && given);
  const store = lasts ? localStorage : sessionStorage;
  const key = lasts && subtle.importKey("raw", bytesOf(given), "AES-GCM", false, ["encrypt", "decrypt"]);
  let [asked, done] = [0, 0];

  // Seals take their time: an older one never takes the place of a newer one, or of nothing.
  async function put(what) {
    const turn = ++asked;
    const kept = lasts ? await sealed(key, name, what) : what;
    if (turn < done) return;
    done = turn;
    store.setItem(name, JSON.stringify({ ...kept, at: Date.now() }));
  }

  function clear() {
    done = ++asked;
    store.removeItem(name);
  }

  // Null where nothing lies. Refuses where another key has sealed it.
  async function read() {
    const kept = JSON.parse(store.getItem(name));
    return kept?.sealed ? opened(key, name, kept) : kept;
  }

  return { lasts, put, clear, read };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Take away what is old, and seal what an earlier version left open; what is somebody else's, when they come. */
export async function tidy(coder, given) {
  for (const name of Object.keys(localStorage).filter((each) => /^(unsent|recent) /.test(each))) {
    const kept = parsed(localStorage.getItem(name));
    if (!(kept?.at > Date.now() - DAYS * 86_400_000)) localStorage.removeItem(name);
    else if (!kept.sealed && name.startsWith(`unsent ${coder} `)) await takeIn(name, kept, given);
  }
}

async function takeIn(name, kept, given) {
  const place = placeOf(name, given);
  await place.put(kept);
  if (!place.lasts) localStorage.removeItem(name);
}
