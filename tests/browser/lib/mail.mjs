// Reads a mail as its reader's program would: subject, text, HTML, and the links in it.

/** MIME as far as our own mails use it: folded headers, encoded words, multipart, base64 and quoted-printable. */
export function parse(raw, envelope = {}) {
  const { headers, body } = split(raw);
  const parts = leaves(headers, body);
  const of = (type) => parts.find((part) => part.type === type)?.text ?? '';
  const mail = {
    to: envelope.to ?? [],
    from: envelope.from ?? '',
    headers,
    subject: words(headers['subject'] ?? ''),
    text: of('text/plain').replace(/\r\n/g, '\n'),
    html: of('text/html').replace(/\r\n/g, '\n'),
  };
  mail.links = [...new Set(mail.text.match(/https?:\/\/[^\s<>"')]+/g) ?? [])].map((link) => link.replace(/[.,;]+$/, ''));
  return mail;
}

function split(raw) {
  const end = raw.search(/\r?\n\r?\n/);
  const head = end < 0 ? raw : raw.slice(0, end);
  const body = end < 0 ? '' : raw.slice(end).replace(/^\r?\n\r?\n/, '');
  const headers = {};
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body };
}

function leaves(headers, body) {
  const type = (headers['content-type'] ?? 'text/plain').toLowerCase().split(';')[0].trim();
  const boundary = /boundary="?([^";]+)"?/i.exec(headers['content-type'] ?? '')?.[1];
  if (!type.startsWith('multipart/') || !boundary) {
    return [{ type, text: decode(headers['content-transfer-encoding'] ?? '7bit', body) }];
  }
  return body
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .flatMap((part) => {
      const inner = split(part.replace(/^\r?\n/, '').replace(/\r?\n$/, ''));
      return leaves(inner.headers, inner.body);
    });
}

/** `raw` is read as latin1, so that each character is one byte. */
function decode(encoding, text) {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(text, 'base64').toString('utf8');
    case 'quoted-printable':
      return quoted(text.replace(/=\r?\n/g, ''));
    default:
      return Buffer.from(text, 'latin1').toString('utf8');
  }
}

function quoted(text) {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** RFC 2047: =?utf-8?b?...?= in a header. */
function words(text) {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind, held) =>
      kind.toLowerCase() === 'b' ? Buffer.from(held, 'base64').toString('utf8') : quoted(held.replace(/_/g, ' ')),
    );
}
