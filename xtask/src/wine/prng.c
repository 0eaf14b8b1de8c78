/* bcryptprimitives.dll for a Wine that has none (Debian 12's): every Rust program asks it for random numbers as it
 * starts. Takes them from where older programs do. */

#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    while (size > 0) {
        ULONG length = size > 0x10000000 ? 0x10000000 : (ULONG)size;
        if (!SystemFunction036(data, length)) {
            return FALSE;
        }
        data += length;
        size -= length;
    }
    return TRUE;
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance;
    (void)reason;
    (void)reserved;
    return TRUE;
}
