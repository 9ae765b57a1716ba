"""The detectors Vigil's is measured against; all see the whole record, future included."""

import numpy as np


def gqrs(uv: np.ndarray, rate_hz: int) -> np.ndarray:
    from wfdb import processing

    return np.asarray(processing.gqrs_detect(uv / 1000, fs=rate_hz)) / rate_hz


def sleepecg(uv: np.ndarray, rate_hz: int) -> np.ndarray:
    from sleepecg import detect_heartbeats

    return np.asarray(detect_heartbeats(uv / 1000, rate_hz)) / rate_hz


def neurokit(uv: np.ndarray, rate_hz: int) -> np.ndarray:
    import neurokit2

    clean = neurokit2.ecg_clean(uv / 1000, sampling_rate=rate_hz, method="neurokit")
    peaks = neurokit2.ecg_findpeaks(clean, sampling_rate=rate_hz, method="neurokit")
    return np.asarray(peaks["ECG_R_Peaks"]) / rate_hz


OFFLINE = (("wfdb gqrs", gqrs), ("sleepecg", sleepecg), ("NeuroKit2", neurokit))
