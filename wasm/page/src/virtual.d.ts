declare module 'virtual:wasm' {
  /** Base64 of the WebAssembly packed by LZMA. */
  const packed: string;
  export default packed;
}
