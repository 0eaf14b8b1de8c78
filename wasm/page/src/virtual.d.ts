declare module 'virtual:wasm' {
  /** Base64 of the WebAssembly packed by LZMA. */
  const packed: string;
  export default packed;
}

declare module 'virtual:kinds' {
  const kinds: Record<string, { meaning: string; remedy: string }>;
  export default kinds;
}
