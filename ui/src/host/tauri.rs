//! The desktop app as host: commands `ask`, `act` and `watch` over Tauri's IPC, values as JSON.

use super::from_js::from_js;
use js_sys::{Array, Function, Object, Promise, Reflect};
use keyrack_model::ipc::{Event, Problem};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// `window.__TAURI__.core`, there because the app sets `withGlobalTauri`.
pub struct Tauri {
    core: JsValue,
}

impl Tauri {
    pub fn detect() -> Option<Self> {
        let window: JsValue = web_sys::window()?.into();
        let tauri = Reflect::get(&window, &"__TAURI__".into()).ok()?;
        if tauri.is_undefined() {
            return None;
        }
        let core = Reflect::get(&tauri, &"core".into()).ok()?;
        core.is_object().then_some(Self { core })
    }

    /// Calls a command that takes one argument.
    pub async fn call<A: Serialize, R: DeserializeOwned>(
        &self,
        command: &str,
        name: &str,
        argument: &A,
    ) -> Result<R, Problem> {
        let argument = to_js(argument).ok_or(Problem::Internal)?;
        let answer = self.invoke(command, name, &argument).await;
        match answer {
            Ok(value) => from_js(value).ok_or(Problem::Internal),
            Err(problem) => Err(from_js(problem).unwrap_or(Problem::Internal)),
        }
    }

    pub fn watch(&self, on_event: impl Fn(Event) + 'static) {
        let hear =
            Closure::<dyn Fn(JsValue)>::new(move |message: JsValue| match from_js(message) {
                Some(event) => on_event(event),
                None => web_sys::console::error_1(&"an event could not be read".into()),
            });
        let Some(channel) = self.channel(&hear.into_js_value()) else {
            web_sys::console::error_1(&"the app offers no channel".into());
            return;
        };
        let watching = self.promise("watch", "events", &channel);
        wasm_bindgen_futures::spawn_local(async move {
            if let Some(watching) = watching
                && let Err(problem) = JsFuture::from(watching).await
            {
                web_sys::console::error_1(&problem);
            }
        });
    }

    async fn invoke(
        &self,
        command: &str,
        name: &str,
        argument: &JsValue,
    ) -> Result<JsValue, JsValue> {
        match self.promise(command, name, argument) {
            Some(promise) => JsFuture::from(promise).await,
            None => Err(JsValue::UNDEFINED),
        }
    }

    fn promise(&self, command: &str, name: &str, argument: &JsValue) -> Option<Promise> {
        let arguments = Object::new();
        Reflect::set(&arguments, &name.into(), argument).ok()?;
        let invoke: Function = Reflect::get(&self.core, &"invoke".into())
            .ok()?
            .dyn_into()
            .ok()?;
        invoke
            .call2(&self.core, &command.into(), &arguments)
            .ok()?
            .dyn_into()
            .ok()
    }

    fn channel(&self, on_message: &JsValue) -> Option<JsValue> {
        let class: Function = Reflect::get(&self.core, &"Channel".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let channel = Reflect::construct(&class, &Array::new()).ok()?;
        Reflect::set(&channel, &"onmessage".into(), on_message).ok()?;
        Some(channel)
    }
}

fn to_js(value: &impl Serialize) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}
